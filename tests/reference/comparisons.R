# Proportional odds: one stacked logistic GEE over all cut points in geepack, robust Wald test of equal slopes.
# Mean differences: lm with clubSandwich CR1 errors. Exact and rank tests: stats.
suppressPackageStartupMessages({library(geepack); library(clubSandwich)})
results <- NULL
keep <- function(dataset, what, value) results <<- rbind(results, data.frame(dataset, what, value = unname(value)))
read <- function(name) { f <- read.csv(file.path("data", paste0(name, ".csv"))); f[order(f$cluster), ] }

for (name in c("balanced", "three_respondents", "koch")) {
  frame <- read(name); columns <- names(frame)[-(1:2)]; level <- as.integer(factor(frame$y)); cuts <- max(level) - 1
  long <- do.call(rbind, lapply(seq_len(cuts), function(k) cbind(frame, cut = k, z = as.integer(level > k))))
  long <- long[order(long$cluster), ]; long$cut <- factor(long$cut)
  # geese takes the raw design: columns are cut indicators, then each term within each cut
  within <- do.call(cbind, lapply(columns, function(column) sapply(levels(long$cut), function(k) (long$cut == k) * long[[column]])))
  X <- cbind(sapply(levels(long$cut), function(k) as.numeric(long$cut == k)), within)
  fit <- geese.fit(X, long$z, long$cluster, family = binomial(), corstr = "independence", scale.fix = TRUE,
                   control = geese.control(epsilon = 1e-12, maxit = 100))
  slopes <- fit$beta[-seq_len(cuts)]; V <- fit$vbeta[-seq_len(cuts), -seq_len(cuts)]
  labels <- paste(rep(columns, each = cuts), rep(seq_len(cuts), length(columns)), sep = ":")
  keep(name, paste0("slope:", labels), slopes); keep(name, paste0("se:", labels), sqrt(diag(V)))
  contrast <- function(terms) do.call(rbind, lapply(terms, function(t) t(sapply(2:cuts, function(k) {
    row <- rep(0, length(slopes)); row[(t - 1) * cuts + 1] <- -1; row[(t - 1) * cuts + k] <- 1; row }))))
  wald <- function(terms) { C <- contrast(terms); g <- C %*% slopes; drop(t(g) %*% solve(C %*% V %*% t(C), g)) }
  keep(name, "wald:all terms", wald(seq_along(columns)))
  for (t in seq_along(columns)) keep(name, paste0("wald:", columns[t]), wald(t))
}

for (name in c("balanced", "missing_rounds", "ceiling", "one_line")) {
  frame <- read(name); m <- lm(y ~ gpt4, frame)
  keep(name, "mean_difference", coef(m)[2])
  keep(name, "mean_difference_cr1_se", sqrt(vcovCR(m, frame$cluster, "CR1")[2, 2]))
  wide <- tapply(frame$y, list(frame$cluster, frame$gpt4), mean)
  paired <- t.test(wide[, "1"], wide[, "0"], paired = TRUE)
  keep(name, "paired_difference", paired$estimate); keep(name, "paired_low", paired$conf.int[1])
  keep(name, "paired_high", paired$conf.int[2]); keep(name, "paired_p", paired$p.value)
}

frame <- read("one_line"); right <- matrix(frame$y == 100, ncol = 10, byrow = TRUE)
keep("one_line", "mcnemar_p", binom.test(c(sum(right[, 1] & !right[, 6]), sum(!right[, 1] & right[, 6])))$p.value)
friedman <- friedman.test(right * 1)  # on right and wrong answers Friedman's test is Cochran's Q
keep("one_line", "cochran_q", friedman$statistic); keep("one_line", "cochran_p", friedman$p.value)
keep("holm", paste0("p", 1:5), p.adjust(c(0.01, 0.04, 0.03, 0.005, 0.5), "holm"))
results$value <- format(results$value, digits = 12, trim = TRUE)
write.csv(results, "comparisons.csv", row.names = FALSE, quote = FALSE)
