# The simpler statistics of an exported study, from its scores.csv and lines.csv: means with CR1 errors by hand, the
# logistic GEE on lines by geepack, exact McNemar and Cochran's Q (Friedman's test) on one-line questions by stats.
suppressPackageStartupMessages(library(geepack))
folder <- commandArgs(TRUE)[1]; target <- commandArgs(TRUE)[2]
results <- NULL
keep <- function(what, value) results <<- rbind(results, data.frame(what, value = unname(value)))
read <- function(name) { f <- read.csv(file.path(folder, name), na.strings = ""); f[f$basis == "key", ] }
scores <- read("scores.csv"); lines <- read("lines.csv")

for (one in 1:3) {
  rows <- scores[scores$respondent_number == one, ]
  for (what in c("score", "passing")) {
    value <- if (what == "score") rows$score_percent else 100 * (rows$score_percent >= 60)
    sums <- tapply(value - mean(value), rows$question_id, sum) / length(value); G <- length(sums)
    error <- sqrt(sum(sums^2) * G / (G - 1))
    keep(paste(what, one, c("mean", "error", "low", "high")), c(mean(value), error, mean(value) + qt(c(0.025, 0.975), G - 1) * error))
    if (what == "score") keep(paste(what, one, "p above 60"), pt((mean(value) - 60) / error, G - 1, lower.tail = FALSE))
  }
}

lines$cluster <- as.integer(factor(lines$question_id)); lines <- lines[order(lines$cluster), ]
gee <- geeglm(earned ~ I(respondent_number == 2) + I(respondent_number == 3) + prompted + regenerated + later, id = cluster,
              data = lines, family = binomial, control = geese.control(epsilon = 1e-12, maxit = 100))
keep(paste("line", 1:5, "log odds"), coef(gee)[-1])
keep(paste("line", 1:5, "error"), sqrt(diag(gee$geese$vbeta))[-1])

single <- scores[scores$requested == 1, ]
wide <- function(rows, by) { w <- tapply(rows$score_percent == 100, list(rows$question_id, rows[[by]]), any); w[complete.cases(w), , drop = FALSE] }
mcnemar <- function(w, a, b) binom.test(c(sum(w[, a] & !w[, b]), sum(!w[, a] & w[, b])))$p.value
for (number in 1:5) {
  w <- wide(single[single$round == number & single$respondent_number < 3, ], "respondent_number")
  keep(paste("mcnemar", number), mcnemar(w, "1", "2"))
}
w <- wide(single[single$round == 1, ], "respondent_number"); keep("cochran respondents", friedman.test(w * 1)$p.value)
for (one in 1:2) keep(paste("cochran rounds", one), friedman.test(wide(single[single$respondent_number == one, ], "round") * 1)$p.value)
results$value <- format(results$value, digits = 12, trim = TRUE)
write.csv(results, target, row.names = FALSE, quote = FALSE)
