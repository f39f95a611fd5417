# Examination statistics: Cronbach's alpha with Feldt's interval and corrected item-total correlations (psych), Angoff's
# components (lme4), borderline regression (lm), Cohen's percentile (quantile), content validity (prop.test, dbinom).
suppressMessages({library(psych); library(lme4)})
results <- NULL
keep <- function(what, value) results <<- rbind(results, data.frame(what, value = unname(value)))
candidates <- read.csv("candidates.csv"); items <- candidates[-1]; k <- ncol(items); n <- nrow(items)
found <- suppressWarnings(alpha(items, check.keys = FALSE))
keep("alpha", found$total$raw_alpha)
keep(c("alpha_low", "alpha_high"), 1 - (1 - found$total$raw_alpha) * qf(c(0.975, 0.025), n - 1, (n - 1) * (k - 1)))
keep(paste0("item_rest:", seq_len(k) - 1), found$item.stats$r.drop)
total <- rowMeans(items)
line <- predict(lm(total ~ rating, cbind(candidates, total)), data.frame(rating = 2), se.fit = TRUE)
keep(c("borderline_regression", "borderline_regression_se"), c(line$fit, line$se.fit))
borderline <- total[candidates$rating == 3]
keep(c("borderline_group", "borderline_group_se"), c(mean(borderline), sd(borderline) / sqrt(length(borderline))))
keep("cohen", 20 + 0.6 * (quantile(total, 0.95) - 20))
# Above a mark with an error of 5 degrees of freedom: beta intervals of mean and mark, combined (Zou and Donner).
m <- mean(total) / 100; v <- var(total) / n / 1e4; p <- line$fit / 100; w <- (line$se.fit / 100)^2
gap <- function(tail) {
  a <- m * (1 - m) / v; b <- p * (1 - p) / w * (qnorm(tail) / qt(tail, 5))^2
  m - p - sqrt((m - qbeta(tail, a * m, a * (1 - m) + 1))^2 + (qbeta(1 - tail, b * p + 1, b * (1 - p)) - p)^2)
}
keep("pass_probability", 1 - uniroot(gap, c(1e-12, 0.45), tol = 1e-15)$root)

panel <- read.csv("panel.csv"); panel$share <- 100 * panel$expected / panel$requested
fit <- lmer(share ~ 1 + (1 | expert) + (1 | question), panel, control = lmerControl(optimizer = "bobyqa",
            optCtrl = list(rhoend = 1e-10)))
parts <- as.data.frame(VarCorr(fit)); variance <- setNames(parts$vcov, parts$grp)
keep(c("angoff_cut", "angoff_se"), c(fixef(fit), sqrt(vcov(fit)[1, 1])))
keep(paste0("angoff:", names(variance)), variance)
for (q in unique(panel$question)) {
  good <- panel$relevance[panel$question == q] >= 3; m <- length(good); x <- sum(good)
  ends <- suppressWarnings(prop.test(x, m, correct = FALSE)$conf.int); by_chance <- dbinom(x, m, 0.5)
  keep(paste0(c("cvi:", "cvi_low:", "cvi_high:", "cvi_kappa:"), q), c(x / m, ends, (x / m - by_chance) / (1 - by_chance)))
}
results$value <- format(results$value, digits = 12, trim = TRUE)
write.csv(results, "examination.csv", row.names = FALSE, quote = FALSE)
