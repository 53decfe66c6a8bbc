module spanloom/bench/otlp/load

go 1.24
