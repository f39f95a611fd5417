# Agreement statistics of the stored tables, with percentile intervals over the stored draws of questions.
# Cohen's kappa and the intraclass correlation are psych's; AC1 (Gwet 2008) and alpha (Krippendorff 2018,
# coincidence matrix) are written from their definitions.
suppressMessages(library(psych))

percent <- function(m) {
  agree <- apply(m, 1, function(x) {
    x <- x[!is.na(x)]
    if (length(x) < 2) return(NA)
    mean(combn(x, 2, function(pair) pair[1] == pair[2]))
  })
  100 * mean(agree, na.rm = TRUE)
}

kappa_of <- function(m) {
  pairs <- combn(ncol(m), 2)
  mean(apply(pairs, 2, function(p) {
    x <- m[complete.cases(m[, p]), p]
    if (length(unique(as.vector(x))) < 2) return(NaN)
    suppressWarnings(cohen.kappa(x)$kappa)
  }), na.rm = TRUE)
}

ac1 <- function(m) {
  observed <- percent(m) / 100
  rated <- m[rowSums(!is.na(m)) > 0, , drop = FALSE]
  share <- c(mean(rowMeans(rated == 0, na.rm = TRUE)), mean(rowMeans(rated == 1, na.rm = TRUE)))
  chance <- sum(share * (1 - share))
  (observed - chance) / (1 - chance)
}

alpha <- function(m) {
  o <- matrix(0, 2, 2)
  for (i in seq_len(nrow(m))) {
    x <- m[i, !is.na(m[i, ])] + 1
    if (length(x) < 2) next
    for (a in seq_along(x)) for (b in seq_along(x)) if (a != b) o[x[a], x[b]] <- o[x[a], x[b]] + 1 / (length(x) - 1)
  }
  n <- rowSums(o)
  1 - (sum(n) - 1) * (o[1, 2] + o[2, 1]) / (2 * n[1] * n[2])
}

icc_of <- function(m) suppressMessages(ICC(m, lmer = FALSE)$results["Single_random_raters", "ICC"])

drawn <- as.matrix(read.csv("drawn.csv"))
result <- data.frame()
add <- function(table, name, statistic, m, question) {
  rows <- split(seq_len(nrow(m)), factor(question, levels = seq_len(ncol(drawn)) - 1))
  values <- apply(drawn, 1, function(times) statistic(m[unlist(rep(rows, times)), , drop = FALSE]))
  interval <- quantile(values[is.finite(values)], c(0.025, 0.975), names = FALSE)
  result <<- rbind(result, data.frame(table, statistic = name, value = statistic(m), ci_low = interval[1], ci_high = interval[2]))
}

marks <- read.csv("marks.csv")
for (table in unique(marks$table)) {
  part <- marks[marks$table == table, ]
  m <- as.matrix(part[, c("r1", "r2", "r3")])
  m <- m[, colSums(!is.na(m)) > 0]
  dimnames(m) <- NULL
  add(table, "percent", percent, m, part$question)
  add(table, "cohen_kappa", kappa_of, m, part$question)
  add(table, "gwet_ac1", ac1, m, part$question)
  add(table, "krippendorff_alpha", alpha, m, part$question)
}
scores <- read.csv("scores.csv")
m <- as.matrix(scores[, c("r1", "r2")])
dimnames(m) <- NULL
add("scores", "icc", icc_of, m, scores$question)

result[, 3:5] <- lapply(result[, 3:5], function(x) sprintf("%.12g", x))
write.csv(result, "expected.csv", row.names = FALSE, quote = FALSE)
writeLines(capture.output(sessionInfo()), "sessionInfo.txt")
