# Cumulative logit under working independence: estimates by ordinal::clm, covariances by hand.
#
# The estimating equations of an ordinal GEE under independence are the likelihood equations of the cumulative logit
# model, so clm gives the estimates. The covariances are written out from the definition of Liang and Zeger (1986) and
# Mancl and DeRouen (2001) with the full derivative D and working covariance V of each cluster, expected information.
# VGAM (Fisher scoring) gives the model-based standard errors a second time, and multgee, where it is installed, the
# robust ones. Sign: clm and VGAM model P(Y <= k); thresholds here are those of P(Y > k).
suppressPackageStartupMessages({library(ordinal); library(VGAM)})

cluster_parts <- function(rows, X, y, alpha, beta) {
  cuts <- length(alpha)
  D <- NULL; r <- NULL; V <- matrix(0, length(rows) * cuts, length(rows) * cuts)
  for (j in seq_along(rows)) {
    x <- X[rows[j], ]
    mu <- plogis(alpha + sum(x * beta))
    D <- rbind(D, (mu * (1 - mu)) * cbind(diag(cuts), matrix(x, cuts, length(x), byrow = TRUE)))
    r <- c(r, as.numeric(y[rows[j]] > seq_len(cuts)) - mu)
    at <- (j - 1) * cuts + seq_len(cuts)
    V[at, at] <- outer(mu, mu, pmin) - outer(mu, mu)
  }
  list(D = D, r = r, Vi = solve(V))
}

covariances <- function(frame, alpha, beta) {
  X <- as.matrix(frame[, -(1:2), drop = FALSE]); y <- as.integer(factor(frame$y))
  parts <- lapply(split(seq_len(nrow(frame)), frame$cluster), cluster_parts, X, y, alpha, beta)
  A <- Reduce(`+`, lapply(parts, function(p) t(p$D) %*% p$Vi %*% p$D)); Ai <- solve(A)
  meat <- function(adjust) Reduce(`+`, lapply(parts, function(p) {
    H <- p$D %*% Ai %*% t(p$D) %*% p$Vi
    r <- if (adjust) solve(diag(length(p$r)) - H, p$r) else p$r
    tcrossprod(t(p$D) %*% p$Vi %*% r)
  }))
  list(naive = Ai, robust = Ai %*% meat(FALSE) %*% Ai, bias_reduced = Ai %*% meat(TRUE) %*% Ai)
}

vgam_errors <- function(frame, columns) {
  # propodds() is cumulative(link = logit, parallel = TRUE, reverse = TRUE): P(Y > k), Fisher scoring
  fit <- tryCatch(suppressWarnings(vglm(as.formula(paste("ordered(y) ~", paste(columns, collapse = "+"))), propodds,
                                        data = frame, epsilon = 1e-12, maxit = 100)), error = function(e) NULL)
  if (is.null(fit)) NULL else sqrt(diag(vcov(fit)))
}

multgee_errors <- function(frame, columns) {
  if (!requireNamespace("multgee", quietly = TRUE) || length(unique(frame$y)) < 3) return(NULL)
  suppressPackageStartupMessages(library(multgee))
  frame$wave <- ave(seq_len(nrow(frame)), frame$cluster, FUN = seq_along)
  frame$y <- as.integer(factor(frame$y))
  fit <- tryCatch(ordLORgee(as.formula(paste("y ~", paste(columns, collapse = "+"))), data = frame, id = cluster, repeated = wave,
                            LORstr = "independence", control = LORgee_control(tolerance = 1e-10, maxiter = 100)),
                  error = function(e) NULL)
  if (is.null(fit)) NULL else sqrt(diag(fit$robust.variance))
}

results <- NULL
for (path in sort(list.files("data", "[.]csv$", full.names = TRUE))) {
  frame <- read.csv(path); columns <- names(frame)[-(1:2)]
  frame$cluster <- as.integer(factor(frame$cluster)); frame <- frame[order(frame$cluster), ]
  formula <- as.formula(paste("ordered(y) ~", paste(columns, collapse = "+")))
  fit <- if (length(unique(frame$y)) == 2) glm(formula, binomial, frame, control = glm.control(1e-14, 100))
         else clm(formula, data = frame, control = clm.control(gradTol = 1e-10))
  if (inherits(fit, "clm")) { alpha <- -fit$alpha; beta <- fit$beta } else { alpha <- coef(fit)[1]; beta <- coef(fit)[-1] }
  covs <- covariances(frame, unname(alpha), unname(beta))
  se <- lapply(covs, function(v) sqrt(diag(v)))
  pad <- function(v) if (is.null(v)) NA else unname(v)
  results <- rbind(results, data.frame(
    dataset = sub("[.]csv$", "", basename(path)), parameter = c(paste0("threshold", seq_along(alpha)), columns),
    estimate = unname(c(alpha, beta)), naive_se = se$naive, robust_se = se$robust, bias_reduced_se = se$bias_reduced,
    vgam_naive_se = pad(vgam_errors(frame, columns)), multgee_robust_se = pad(multgee_errors(frame, columns))))
}
# Where multgee is not installed, keep what it gave before.
target <- "ordinal_independence.csv"
if (!requireNamespace("multgee", quietly = TRUE) && file.exists(target)) {
  old <- read.csv(target)
  place <- match(paste(results$dataset, results$parameter), paste(old$dataset, old$parameter))
  results$multgee_robust_se <- old$multgee_robust_se[place]
}
write.csv(format(results, digits = 12, trim = TRUE), target, row.names = FALSE, quote = FALSE)
