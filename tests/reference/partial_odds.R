# Partial proportional odds: maximum likelihood by VGAM, and sandwich covariances over clusters from its scores.
#
# Case by case the columns named in `varying` have a slope at each cut point (parallel = FALSE ~ ...), or, where `above`
# names cut points, a slope for each run of cut points that begins at one of them (constraints). The scores are VGAM's
# derivatives by the linear predictors, the information its working weights (expected information), both through the
# big model matrix; Mancl and DeRouen's correction is written out with A and the B_i of each cluster. Wald: the slopes
# of a varying column are the same at all cut points, by the robust covariance.
suppressPackageStartupMessages(library(VGAM))

cases <- list(
  list(dataset = "three_respondents", varying = "gpt4"), list(dataset = "balanced", varying = c("gpt4", "bare")),
  list(dataset = "arthritis", varying = "drug"), list(dataset = "continuous", varying = "words"),
  list(dataset = "ten_levels", varying = "gpt4", above = c(1, 4, 8)))

covariances <- function(fit, cluster) {
  X <- model.matrix(fit, type = "vlm"); M <- npred(fit); n <- nobs(fit)
  of <- weights(fit, deriv = TRUE, type = "working")
  U <- matrix(0, n, ncol(X)); B <- lapply(unique(cluster), function(g) matrix(0, ncol(X), ncol(X)))
  for (i in seq_len(n)) {
    Xi <- X[(i - 1) * M + seq_len(M), , drop = FALSE]
    W <- m2a(of$weights[i, , drop = FALSE], M = M)[, , 1]
    U[i, ] <- crossprod(Xi, of$deriv[i, ])
    g <- match(cluster[i], unique(cluster)); B[[g]] <- B[[g]] + t(Xi) %*% W %*% Xi
  }
  A <- Reduce(`+`, B); S <- rowsum(U, cluster, reorder = FALSE)
  plain <- solve(A, t(S)); reduced <- sapply(seq_along(B), function(g) solve(A - B[[g]], S[g, ]))
  list(robust = tcrossprod(plain), bias_reduced = tcrossprod(reduced))
}

results <- NULL
for (case in cases) {
  frame <- read.csv(file.path("data", paste0(case$dataset, ".csv"))); columns <- names(frame)[-(1:2)]
  frame$y <- ordered(frame$y); M <- nlevels(frame$y) - 1
  formula <- as.formula(paste("y ~", paste(columns, collapse = "+"))); control <- vglm.control(epsilon = 1e-12, maxit = 100)
  if (is.null(case$above)) {
    apart <- as.formula(paste("FALSE ~", paste(case$varying, collapse = "+")))
    fit <- vglm(formula, cumulative(parallel = apart, reverse = TRUE), frame, control = control)
  } else {
    runs <- pmax(findInterval(seq_len(M), case$above), 1)
    own <- sapply(seq_along(case$above), function(run) as.numeric(runs == run))
    shape <- c(list(`(Intercept)` = diag(M)), sapply(columns, function(name) if (name %in% case$varying) own else matrix(1, M, 1),
                                                     simplify = FALSE))
    fit <- vglm(formula, cumulative(reverse = TRUE), frame, constraints = shape, control = control)
  }
  covs <- covariances(fit, frame$cluster)
  parameter <- sub("[(]Intercept[)]", "threshold", names(coef(fit)))
  results <- rbind(results, data.frame(
    dataset = case$dataset, parameter, estimate = unname(coef(fit)), robust_se = sqrt(diag(covs$robust)),
    bias_reduced_se = sqrt(diag(covs$bias_reduced))))
  for (name in case$varying) {
    at <- grep(paste0("^", name, "(:|$)"), parameter); C <- cbind(-1, diag(length(at) - 1))
    gap <- C %*% coef(fit)[at]; wald <- drop(t(gap) %*% solve(C %*% covs$robust[at, at] %*% t(C), gap))
    results <- rbind(results, data.frame(dataset = case$dataset, parameter = paste0("wald:", name), estimate = wald,
                                         robust_se = NA, bias_reduced_se = NA))
  }
}
write.csv(format(results, digits = 12, trim = TRUE), "partial_odds.csv", row.names = FALSE, quote = FALSE)
