"""History in VictoriaMetrics.

Series are `monitor_sample{server="7",metric="cpu",scale="2",generation="1"}`, and `monitor_rollup` with a `width` too.
`points` turns blocks into series of whole numbers and back, `archive` writes and reads them over HTTP (`client`).
"""
