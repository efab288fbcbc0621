import { useResizeObserver } from '@vueuse/core'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { Ref, WatchSource } from 'vue'
import { nextTick, onBeforeUnmount, watch } from 'vue'
import type { AxisWords } from './axes'
import { readPalette } from './palette'
import type { ChartEvents, ChartState } from './plotOptions'
import { plotOptions } from './plotOptions'

/**
 * Keeps a uPlot in *host*. A change of *rebuildOn* (lines, language, theme) creates a new one; everything else is drawn
 * into the existing one. The host's `data-draw-ms` and `data-points` are the duration of the last drawing and its
 * number of points, for a test of the limit.
 */
export function usePlot(
  host: Ref<HTMLElement | null>,
  state: () => ChartState,
  fixed: () => { words: AxisWords; height: number; syncKey?: string },
  events: ChartEvents,
  rebuildOn: WatchSource[],
) {
  let plot: uPlot | undefined

  const columns = (): uPlot.AlignedData => [state().table.x, ...state().table.lines.map((line) => line.avg)]

  /** Draws immediately. At the end of the task all charts of a page would be measured together. */
  function draw(target: uPlot, change: () => void): void {
    const began = performance.now()
    target.batch(change)
    if (host.value === null) return
    host.value.dataset.drawMs = (performance.now() - began).toFixed(1)
    host.value.dataset.points = String(state().table.x.length * state().table.lines.length)
  }

  function build(): void {
    plot?.destroy()
    plot = undefined
    const width = host.value?.clientWidth ?? 0
    if (host.value === null || width === 0) return
    const parent = host.value
    plot = new uPlot(
      plotOptions(state, { palette: readPalette(), width, ...fixed() }, events),
      columns(),
      (made, begin) => {
        parent.appendChild(made.root)
        draw(made, () => void begin())
      },
    )
  }

  function resize(width = plot?.width ?? 0): void {
    const target = plot
    if (target !== undefined) draw(target, () => target.setSize({ width, height: fixed().height }))
  }

  function refill(): void {
    const target = plot
    if (target !== undefined) draw(target, () => target.setData(columns()))
  }

  useResizeObserver(host, () => {
    const width = host.value?.clientWidth ?? 0
    if (width === 0) return
    if (plot === undefined) build()
    else if (plot.width !== width) resize(width)
  })

  // After this the document has the theme's class, and the host exists.
  watch([host, ...rebuildOn], () => void nextTick(build), { flush: 'post' })
  watch(() => [state().table, state().start, state().end], refill)
  watch(
    () => [state().thresholds, state().marks, state().lines],
    () => resize(),
  )
  watch(
    () => state().hidden,
    (hidden) =>
      state().table.lines.forEach((line, index) => plot?.setSeries(index + 1, { show: !hidden.has(line.metric) })),
  )
  onBeforeUnmount(() => plot?.destroy())

  /** Moves the cursor to a row on all synchronized charts. */
  function point(row: number | null): void {
    if (plot === undefined) return
    const at = row === null ? undefined : state().table.x[row]
    const left = at === undefined ? -10 : plot.valToPos(at, 'x')
    // uPlot's types omit the last argument, which updates the charts of the same key.
    const setCursor = plot.setCursor as (at: { left: number; top: number }, fireHook: boolean, publish: boolean) => void
    setCursor({ left, top: at === undefined ? -10 : 10 }, true, true)
  }

  return { point, canvas: () => plot?.ctx.canvas }
}
