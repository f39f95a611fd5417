# Odds ratio of a right line (glm, sandwich); odds ratios of each cut point (VGAM, sandwich); thresholds of their own for each number of answers asked (likelihood of
# the strata together, by optim); aims against a margin by the interval; the severity of reviewers from pairs of marks
# that differ (glm, sandwich, Wald test); agreement with weights.
suppressMessages({library(sandwich); library(psych)})
results <- NULL
keep <- function(what, value) results <<- rbind(results, data.frame(what, value = unname(value)))
scores <- read.csv("scores.csv"); scores <- scores[scores$respondent %in% c(0, 3), ]; scores$x <- scores$respondent / 3
single <- scores[rep(seq_len(nrow(scores)), scores$requested), ]
single$right <- as.numeric(ave(single$x, paste(single$question, single$respondent, single$round), FUN = seq_along) <= single$correct)
line <- glm(right ~ x, binomial, single, control = glm.control(1e-14, 100))
for (cluster in c("question", "case")) {
  error <- sqrt(vcovCL(line, single[[cluster]], type = "HC0", cadjust = FALSE)["x", "x"])
  keep(paste0(c("line_log_odds:", "line_se:"), cluster), c(coef(line)["x"], error))
}

# Cumulative logits without proportional odds; with one binary term they are the logistic fits at each cut point.
scores$share <- round(100 * scores$correct / scores$requested, 6); level <- factor(scores$share, ordered = TRUE)
apart <- suppressWarnings(VGAM::vglm(level ~ x, VGAM::cumulative(parallel = FALSE, reverse = TRUE), cbind(scores, level)))
above <- head(levels(level), -1)
keep(paste0("cut_log_odds:", seq_along(above) - 1), tail(VGAM::coef(apart), length(above)))
for (k in seq_along(above)) {
  cut <- glm(I(share > as.numeric(above[k]) + 1e-4) ~ x, binomial, scores, control = glm.control(1e-14, 100))
  keep(paste0("cut_se:", k - 1), sqrt(vcovCL(cut, scores$question, type = "HC0", cadjust = FALSE)["x", "x"]))
}

strata <- split(scores, scores$requested); cuts <- sapply(strata, function(s) s$requested[1])
at <- split(seq_len(sum(cuts)), rep(seq_along(cuts), cuts))
chance <- function(s, alpha, beta) {
  above <- cbind(1, sapply(alpha, function(a) plogis(a + beta * s$x)), 0)
  above[, -ncol(above), drop = FALSE] - above[, -1, drop = FALSE]
}
minus <- function(theta) {
  beta <- theta[length(theta)]
  -sum(mapply(function(s, places) sum(log(pmax(chance(s, theta[places], beta)[cbind(seq_len(nrow(s)), s$correct + 1)], 1e-300))),
              strata, at))
}
start <- c(unlist(lapply(cuts, function(n) seq(1, -1, length.out = n))), 0)
theta <- optim(start, minus, method = "BFGS", control = list(reltol = 1e-15, maxit = 2000))$par
theta <- nlm(minus, theta, gradtol = 1e-10, steptol = 1e-12, iterlim = 500)$estimate
p <- length(theta); bread <- matrix(0, p, p); scored <- list()
for (k in seq_along(strata)) {
  s <- strata[[k]]; places <- c(at[[k]], p)
  for (i in seq_len(nrow(s))) {
    mu <- plogis(theta[at[[k]]] + theta[p] * s$x[i])
    D <- mu * (1 - mu) * cbind(diag(length(mu)), s$x[i]); V <- outer(mu, mu, pmin) - outer(mu, mu)
    u <- rep(0, p); u[places] <- crossprod(D, solve(V, as.numeric(s$correct[i] > seq_along(mu) - 1) - mu))
    scored[[length(scored) + 1]] <- u; bread[places, places] <- bread[places, places] + crossprod(D, solve(V, D))
  }
}
meat <- crossprod(rowsum(do.call(rbind, scored), do.call(rbind, strata)$question))
keep("by_n_log_odds", theta[p]); keep("by_n_se", sqrt((solve(bread) %*% meat %*% solve(bread))[p, p]))

marks <- read.csv("marks.csv"); raters <- c("a", "b", "c", "d")
differing <- do.call(rbind, combn(4, 2, function(two) {
  i <- raters[two[1]]; j <- raters[two[2]]; rows <- marks[which(marks[[i]] != marks[[j]]), ]
  X <- matrix(0, nrow(rows), 4); X[, two[1]] <- -1; X[, two[2]] <- 1
  data.frame(question = rows$question, y = rows[[i]], X)
}, simplify = FALSE))
fit <- glm(y ~ 0 + X2 + X3 + X4, binomial, differing, control = glm.control(1e-14, 100))
g <- length(unique(marks$question)); V <- matrix(0, 4, 4)
V[-1, -1] <- vcovCL(fit, differing$question, type = "HC0", cadjust = FALSE) * g / (g - 1)
centre <- diag(4) - 1 / 4; severity <- drop(centre %*% c(0, coef(fit))); V <- centre %*% V %*% centre
keep(paste0("severity:", raters), severity)
keep(paste0("severity_low:", raters), severity - qt(0.975, g - 1) * sqrt(diag(V)))
wald <- drop(severity[-1] %*% solve(V[-1, -1], severity[-1]))
keep("severity_p", pf(wald / 3, 3, g - 1, lower.tail = FALSE))

two <- marks[!is.na(marks$a) & !is.na(marks$b), ]; w <- two$lines
keep("weighted_percent", 100 * weighted.mean(two$a == two$b, w))
keep("weighted_kappa", suppressWarnings(cohen.kappa(xtabs(lines ~ a + b, two))$kappa))
share <- weighted.mean((two$a + two$b) / 2, w); by_chance <- 2 * share * (1 - share)
keep("weighted_ac1", (weighted.mean(two$a == two$b, w) - by_chance) / (1 - by_chance))
repeated <- two[rep(seq_len(nrow(two)), w), ]; N <- 2 * nrow(repeated); ones <- sum(repeated$a + repeated$b)
keep("weighted_alpha", 1 - (N - 1) * sum(repeated$a != repeated$b) * 2 / (2 * ones * (N - ones)))
results$value <- format(results$value, digits = 12, trim = TRUE)
write.csv(results, "lines.csv", row.names = FALSE, quote = FALSE)
