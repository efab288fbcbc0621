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
 * Keeps a uPlot in *host*. Built anew when one of *rebuildOn* changes (lines, language, theme); everything else is
 * drawn into the one that stands there.
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

  function build(): void {
    plot?.destroy()
    plot = undefined
    const width = host.value?.clientWidth ?? 0
    if (host.value === null || width === 0) return
    plot = new uPlot(plotOptions(state, { palette: readPalette(), width, ...fixed() }, events), columns(), host.value)
  }

  useResizeObserver(host, () => {
    const width = host.value?.clientWidth ?? 0
    if (width === 0) return
    if (plot === undefined) build()
    else if (plot.width !== width) plot.setSize({ width, height: fixed().height })
  })

  // The theme's class is on the document by then, and the host is there.
  watch([host, ...rebuildOn], () => void nextTick(build), { flush: 'post' })
  watch(() => [state().table, state().start, state().end], () => plot?.setData(columns()))
  watch(() => [state().thresholds, state().marks], () => plot?.setSize({ width: plot.width, height: plot.height }))
  watch(
    () => state().hidden,
    (hidden) => state().table.lines.forEach((line, index) => plot?.setSeries(index + 1, { show: !hidden.has(line.metric) })),
  )
  onBeforeUnmount(() => plot?.destroy())

  /** Puts the cursor on a row, as the pointer would, on all synchronized charts. */
  function point(row: number | null): void {
    if (plot === undefined) return
    const at = row === null ? undefined : state().table.x[row]
    const left = at === undefined ? -10 : plot.valToPos(at, 'x')
    plot.setCursor({ left, top: at === undefined ? -10 : 10 })
  }

  return { point, canvas: () => plot?.ctx.canvas }
}
