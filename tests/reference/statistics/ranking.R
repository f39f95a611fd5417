# Strengths of respondents from scores: Davidson's model as a log-linear one and Bradley and Terry's with half ties,
# with errors clustered on questions or cases (sandwich), BradleyTerry2's estimates, qvcalc's quasi-variances, mean
# preferences by t.test and survey.
suppressMessages({library(sandwich); library(survey); library(BradleyTerry2); library(qvcalc)})
results <- NULL
keep <- function(what, value) results <<- rbind(results, data.frame(what, value = unname(value)))
scores <- read.csv("scores.csv"); scores$share <- scores$correct / scores$requested
size <- max(scores$respondent) + 1; first <- combn(size, 2)[1, ]; second <- combn(size, 2)[2, ]
pairs <- do.call(rbind, lapply(split(scores, scores$question), function(part) {
  given <- split(part$share, part$respondent)
  do.call(rbind, Map(function(i, j) {
    lead <- outer(given[[i]], given[[j]], "-")
    data.frame(question = part$question[1], case = part$case[1], i, j, win = mean(lead > 1e-9),
               loss = mean(lead < -1e-9), tie = mean(abs(lead) <= 1e-9))
  }, first, second))
}))

centre <- diag(size) - 1 / size
free <- seq_len(size)[-1]
at <- function(fit, names, cluster) {  # strengths and errors that sum to 0, from those against the first
  V <- matrix(0, size, size)
  V[free, free] <- vcovCL(fit, cluster, type = "HC0", cadjust = TRUE)[names, names]
  list(value = drop(centre %*% c(0, coef(fit)[names])), V = centre %*% V %*% centre)
}
worth <- function(table, of_i, of_j) {
  X <- matrix(0, nrow(table), size)
  X[cbind(seq_len(nrow(table)), table$i)] <- of_i; X[cbind(seq_len(nrow(table)), table$j)] <- of_j
  X <- X[, free]; colnames(X) <- paste0("w", free); X
}

long <- rbind(cbind(pairs, y = pairs$win, a = 1, b = 0, t = 0), cbind(pairs, y = pairs$loss, a = 0, b = 1, t = 0),
              cbind(pairs, y = pairs$tie, a = 0.5, b = 0.5, t = 1))
long <- cbind(long, worth(long, long$a, long$b), pair = factor(paste(long$i, long$j)))
names <- paste0("w", free)
davidson <- glm(reformulate(c("0", "pair", "t", names), "y"), quasipoisson, long, control = glm.control(1e-14, 100))
for (cluster in c("question", "case")) {
  found <- at(davidson, names, long[[cluster]])
  if (cluster == "question") { keep(paste0("davidson:", 1:size), found$value); keep("log_tie", coef(davidson)["t"]) }
  keep(paste0("davidson_se:", cluster, ":", 1:size), sqrt(diag(found$V)))
  difference <- rep(0, size); difference[c(1, 3)] <- c(1, -1)
  keep(paste0("davidson_difference_se:", cluster), sqrt(drop(difference %*% found$V %*% difference)))
}
keep(paste0("quasi_variance:", 1:size), qvcalc(at(davidson, names, long$question)$V)$qvframe$quasiVar)

half <- cbind(pairs, worth(pairs, 1, -1), y = pairs$win + pairs$tie / 2)
bradley <- suppressWarnings(glm(reformulate(c("0", names), "y"), quasibinomial, half, control = glm.control(1e-14, 100)))
found <- at(bradley, names, half$question)
keep(paste0("bradley_terry:", 1:size), found$value); keep(paste0("bradley_terry_se:", 1:size), sqrt(diag(found$V)))
total <- aggregate(cbind(y, n = 1) ~ i + j, half, sum)
players <- function(x) factor(x, levels = seq_len(size))
ability <- suppressWarnings(BTabilities(BTm(cbind(y, n - y), players(i), players(j), data = total)))[, "ability"]
keep(paste0("bradley_terry2:", 1:size), ability - mean(ability))

for (k in seq_len(size)) {
  own <- rbind(transform(half[half$i == k, ], p = y), transform(half[half$j == k, ], p = 1 - y))
  of_question <- tapply(own$p, own$question, mean)
  t <- t.test(of_question)
  keep(paste0(c("preference:", "preference_se:"), k), c(t$estimate, t$stderr))
  design <- svydesign(ids = ~case, weights = ~1, data = data.frame(p = c(of_question), case = unique(pairs[c("question", "case")])$case))
  keep(paste0("preference_se:case:", k), SE(svymean(~p, design)))
}
results$value <- format(results$value, digits = 12, trim = TRUE)
write.csv(results, "ranking.csv", row.names = FALSE, quote = FALSE)
