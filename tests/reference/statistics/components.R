# Variance components of a difference of two respondents (lme4, REML: on balanced data with positive estimates those of
# the analysis of variance), with and without reviewers; rounds stand within questions.
suppressMessages(library(lme4))
results <- NULL
keep <- function(what, value) results <<- rbind(results, data.frame(what, value = unname(value)))
data <- read.csv("differences.csv"); data <- transform(data, round = factor(round))
control <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 1e5))
components <- function(fit) { parts <- as.data.frame(VarCorr(fit)); setNames(parts$vcov, parts$grp) }
fit <- lmer(value ~ round + (1 | question) + (1 | question:round) + (1 | reviewer) + (1 | question:reviewer), data,
            control = control, contrasts = list(round = "contr.sum"))
found <- components(fit)
keep(paste0("several:", names(found)), found)
keep("several_se", sqrt(vcov(fit)[1, 1]))
one <- aggregate(value ~ question + round, data, mean)
fit <- lmer(value ~ round + (1 | question), one, control = control, contrasts = list(round = "contr.sum"))
found <- components(fit)
keep(paste0("one:", names(found)), found)
keep("one_se", sqrt(vcov(fit)[1, 1]))
results$value <- format(results$value, digits = 12, trim = TRUE)
write.csv(results, "components.csv", row.names = FALSE, quote = FALSE)
