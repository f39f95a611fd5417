# Shares and differences of a cluster sample by the survey package; the difference estimator of a random draw of
# questions (Sarndal, Swensson and Wretman 1992, section 6.3), cross-fitted, with the estimating equations of the
# ordinal model solved for it by Newton's method on numerical derivatives.
suppressMessages(library(survey))
results <- NULL
keep <- function(what, value) results <<- rbind(results, data.frame(what, value = unname(value)))
scores <- read.csv("scores.csv"); scores$share <- scores$correct / scores$requested; scores$whole <- scores$share == 1
for (respondent in 0:4) {
  own <- scores[scores$respondent == respondent, ]
  design <- svydesign(ids = ~question, weights = ~1, data = own)
  added <- tapply(own$share - mean(own$share), own$question, sum) / nrow(own)
  g <- length(added); u <- added^2
  degrees <- 2 * g * sum(u)^2 / (g * sum(u^2) - sum(u)^2)  # Satterthwaite's by the fourth moment
  degrees <- min(max(degrees, 1), g - 1)
  mean <- svymean(~share, design)
  keep(paste0(c("mean:", "mean_se:", "mean_degrees:"), respondent), c(coef(mean), SE(mean), degrees))
  for (confidence in c(0.9, 0.95)) {
    tail <- (1 - confidence) / 2; p <- coef(mean)  # with Satterthwaite's degrees, by the definition
    size <- p * (1 - p) / SE(mean)^2 * (qt(tail, nrow(own) - 1) / qt(tail, c(degrees, g - 1)))^2
    size <- max(size[1], min(size[2], g)); ends <- qbeta(c(tail, 1 - tail), size * p + 0:1, size * (1 - p) + 1:0)
    keep(paste0("mean_interval:", confidence, ":", respondent, c(":low", ":high")), ends)
    ends <- attr(svyciprop(~share, design, method = "beta", level = confidence), "ci")
    keep(paste0("interval_without_degrees:", confidence, ":", respondent, c(":low", ":high")), ends)
  }
}
both <- scores[scores$respondent %in% c(0, 3), ]; both$x <- both$respondent == 3
for (cluster in c("question", "case")) {
  design <- svydesign(ids = reformulate(cluster), weights = ~1, data = both)
  line <- svyglm(share ~ x, design)
  keep(paste0("difference:", cluster), coef(line)[2]); keep(paste0("difference_se:", cluster), SE(line)[2])
  logistic <- svyglm(whole ~ x, design, family = quasibinomial(), control = glm.control(1e-14, 100))
  keep(paste0("log_odds:", cluster), coef(logistic)[2]); keep(paste0("log_odds_se:", cluster), SE(logistic)[2])
}

draw <- read.csv("draw.csv"); K <- 60; n <- 30; levels <- 0:3
draw$drawn <- draw$position < n; draw$fold <- draw$position %% 5
allowed <- list(c(1, 0, 0, 1), c(1, 1, 1, 1))
chances <- t(sapply(seq_len(nrow(draw)), function(row) {
  one <- draw[row, ]
  like <- draw[draw$drawn & draw$fold != one$fold & draw$kind == one$kind & draw$predicted == one$predicted, ]
  even <- allowed[[one$kind + 1]] / sum(allowed[[one$kind + 1]])
  own <- as.numeric(levels == one$predicted)
  prior <- if (one$predicted >= 0 && allowed[[one$kind + 1]][one$predicted + 1] > 0) 0.8 * own + 0.2 * even else even
  weight <- sapply(levels, function(level) sum(like$marked == level)) + 2 * prior
  weight / sum(weight)
}))
guess <- sapply(1:3, function(c) rowSums(chances[, (c + 1):4, drop = FALSE]))
true <- sapply(1:3, function(c) as.numeric(draw$marked >= c))
drawn_of <- tapply(draw$drawn, draw$fold, sum) / table(draw$fold)
draw$weight <- 1 / c(drawn_of[as.character(draw$fold)])
corrected <- guess + draw$drawn * draw$weight * (true - guess)
for (respondent in 0:1) for (c in 1:3) {
  own <- draw$respondent == respondent
  error <- data.frame(draw, e = true[, c] - guess[, c])[own & draw$drawn, ]
  design <- svydesign(ids = ~question, strata = ~fold, weights = ~weight, data = error)
  keep(paste0("exceeds:", c, ":", respondent), (sum(guess[own, c]) + coef(svytotal(~e, design))) / sum(own))
}
scores_of <- function(theta, z) {  # D' V^-1 (z - mu) of each response
  x <- draw$respondent
  t(sapply(seq_along(x), function(i) {
    mu <- plogis(theta[1:3] + theta[4] * x[i]); D <- mu * (1 - mu) * cbind(diag(3), x[i])
    V <- outer(mu, mu, pmin) - outer(mu, mu)
    crossprod(D, solve(V, z[i, ] - mu))
  }))
}
bread_of <- function(theta) Reduce(`+`, lapply(draw$respondent, function(x) {
  mu <- plogis(theta[1:3] + theta[4] * x); D <- mu * (1 - mu) * cbind(diag(3), x)
  crossprod(D, solve(outer(mu, mu, pmin) - outer(mu, mu), D))
}))
theta <- c(qlogis(colMeans(corrected)), 0)
for (step in 1:60) {
  u <- colSums(scores_of(theta, corrected))
  J <- sapply(1:4, function(k) { up <- theta; up[k] <- up[k] + 1e-6; down <- theta; down[k] <- down[k] - 1e-6
    (colSums(scores_of(up, corrected)) - colSums(scores_of(down, corrected))) / 2e-6 })
  theta <- theta - solve(J, u)
}
A <- solve(bread_of(theta)); by_question <- rowsum(scores_of(theta, corrected), draw$question)
keep(c("powered_thresholds:1", "powered_thresholds:2", "powered_thresholds:3", "powered_log_odds"), theta)
keep("powered_se", sqrt((A %*% crossprod(by_question) %*% A)[4, 4]))
results$value <- format(results$value, digits = 12, trim = TRUE)
write.csv(results, "survey.csv", row.names = FALSE, quote = FALSE)
