# Textbook data sets, as they come with their R packages, in the columns of the simulated ones: cluster, y, design.
# Sources and licences are in README.md. Run by build.sh in this folder.
suppressPackageStartupMessages({library(geepack); library(ordinal)})
write <- function(frame, name) write.csv(frame, file.path("data", paste0(name, ".csv")), row.names = FALSE)

data(koch)
write(with(koch, data.frame(cluster = id, y = y, trt = trt, day = as.numeric(day) / 10)), "koch")

data(respdis)
long <- reshape(cbind(id = seq_len(nrow(respdis)), respdis), direction = "long", idvar = "id", v.names = "y",
                varying = list(paste0("y", 1:4)), timevar = "visit")
long <- long[order(long$id, long$visit), ]
write(with(long, data.frame(cluster = id, y = y, trt = trt, visit = visit)), "respdis")

write(with(wine, data.frame(cluster = as.integer(judge), y = as.integer(rating), warm = as.integer(temp == "warm"),
                            contact = as.integer(contact == "yes"))), "wine")
