# Cumulative logit with one global odds ratio per study (exchangeable), written out in R from its definition:
# mean equations of Liang and Zeger (1986) with the working covariance that the global odds ratio implies, and the
# association equation of Prentice (1988) for the products of two residuals, weighted by their variance, root by uniroot.
# (With cross products of exceedances in their place the odds ratio would depend on which end of the scale is called high.)
# For two levels geepack::ordgee gives the same model a second time. (With three levels or more ordgee of geepack 1.3.9
# does not give clm's estimates even under independence, so it is not used there.)
suppressPackageStartupMessages(library(geepack))

joint <- function(a, b, psi) if (abs(psi - 1) < 1e-12) a * b else {
  s <- 1 + (a + b) * (psi - 1)
  (s - sqrt(s^2 - 4 * psi * (psi - 1) * a * b)) / (2 * (psi - 1))
}

means <- function(rows, X, par, cuts) as.vector(sapply(rows, function(i) plogis(par[1:cuts] + sum(X[i, ] * par[-(1:cuts)]))))

parts <- function(rows, X, y, par, psi, cuts) {
  mu <- means(rows, X, par, cuts)
  D <- do.call(rbind, lapply(rows, function(i) cbind(diag(cuts), matrix(X[i, ], cuts, ncol(X), byrow = TRUE)))) * (mu * (1 - mu))
  E <- outer(mu, mu, joint, psi)
  for (j in seq_along(rows)) { at <- (j - 1) * cuts + seq_len(cuts); E[at, at] <- outer(mu[at], mu[at], pmin) }
  V <- E - outer(mu, mu)
  r <- as.vector(sapply(rows, function(i) as.numeric(y[i] > seq_len(cuts)))) - mu
  list(D = D, r = r, VD = solve(V, D), Vr = solve(V, r), V = V)
}

association <- function(theta, sets, X, y, par, cuts) {
  total <- 0
  for (rows in sets) {
    if (length(rows) < 2) next
    mu <- means(rows, X, par, cuts); z <- as.vector(sapply(rows, function(i) as.numeric(y[i] > seq_len(cuts))))
    who <- rep(seq_along(rows), each = cuts); lower <- outer(who, who, ">")
    a <- matrix(mu, length(mu), length(mu)); b <- t(a)
    p <- joint(a, b, exp(theta)); d <- 1 / (1 / p + 1 / (a - p) + 1 / (b - p) + 1 / (1 - a - b + p))
    s <- p - a * b; v <- a * (1 - a) * b * (1 - b) + (1 - 2 * a) * (1 - 2 * b) * s - s^2
    total <- total + sum((d * (outer(z - mu, z - mu) - s) / v)[lower])
  }
  total
}

fit <- function(frame) {
  X <- as.matrix(frame[, -(1:2), drop = FALSE]); y <- as.integer(factor(frame$y)); cuts <- max(y) - 1
  sets <- split(seq_along(y), frame$cluster)
  par <- c(qlogis(sapply(seq_len(cuts), function(k) mean(y > k))), rep(0, ncol(X))); psi <- 1
  for (iteration in 1:200) {
    all <- lapply(sets, parts, X, y, par, psi, cuts)
    A <- Reduce(`+`, lapply(all, function(p) crossprod(p$D, p$VD))); U <- Reduce(`+`, lapply(all, function(p) crossprod(p$D, p$Vr)))
    step <- as.vector(solve(A, U)); par <- par + step
    was <- psi
    psi <- exp(uniroot(association, log(c(1e-3, 1e4)), sets, X, y, par, cuts, tol = 1e-12)$root)
    if (max(abs(step), abs(psi - was)) < 1e-9) break
  }
  all <- lapply(sets, parts, X, y, par, psi, cuts)
  Ai <- solve(Reduce(`+`, lapply(all, function(p) crossprod(p$D, p$VD))))
  meat <- function(adjust) Reduce(`+`, lapply(all, function(p) {
    r <- if (adjust) solve(diag(length(p$r)) - p$D %*% Ai %*% t(p$VD), p$r) else p$r
    tcrossprod(crossprod(p$D, solve(p$V, r)))
  }))
  se <- function(v) sqrt(diag(v))
  list(par = c(par, log(psi)), naive = c(se(Ai), NA), robust = c(se(Ai %*% meat(FALSE) %*% Ai), NA),
       bias_reduced = c(se(Ai %*% meat(TRUE) %*% Ai), NA), cuts = cuts,
       definite = min(sapply(all, function(p) min(eigen(p$V, TRUE, TRUE)$values))))
}

by_geepack <- function(frame) {
  if (length(unique(frame$y)) > 2) return(list(par = NA, se = NA))
  frame$y <- ordered(frame$y)
  g <- ordgee(as.formula(paste("y ~", paste(names(frame)[-(1:2)], collapse = "+"))), id = cluster, data = frame,
              corstr = "exchangeable", control = geese.control(epsilon = 1e-12, maxit = 200))
  list(par = unname(c(g$beta, g$alpha)), se = c(sqrt(diag(g$vbeta)), NA))
}

results <- NULL
for (path in setdiff(sort(list.files("data", "[.]csv$", full.names = TRUE)), "data/one_per_cluster.csv")) {
  frame <- read.csv(path); frame$cluster <- as.integer(factor(frame$cluster)); frame <- frame[order(frame$cluster), ]
  f <- fit(frame); g <- by_geepack(frame)
  results <- rbind(results, data.frame(
    dataset = sub("[.]csv$", "", basename(path)), estimate = f$par, naive_se = f$naive, robust_se = f$robust,
    bias_reduced_se = f$bias_reduced, geepack_estimate = g$par, geepack_robust_se = g$se, smallest_eigenvalue = f$definite,
    parameter = c(paste0("threshold", seq_len(f$cuts)), names(frame)[-(1:2)], "log_association")))
}
write.csv(format(results, digits = 12, trim = TRUE), "exchangeable.csv", row.names = FALSE, quote = FALSE)
