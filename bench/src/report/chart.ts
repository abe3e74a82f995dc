import { BarChart } from 'echarts/charts'
import { GridComponent, TitleComponent } from 'echarts/components'
import { init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'

import type { Panel } from '../parts/part.ts'

use([BarChart, GridComponent, TitleComponent, SVGRenderer])

const WIDTH = 900
const HEAD = 40
const BAR = 22
const GAP = 30
/** For the names. */
const LEFT = 150
const OURS = '#2f6fde'
const OTHERS = '#9aa5b1'

/** All charts below one another, as SVG. The axes are logarithmic; less is better. */
export function chart(panels: readonly Panel[], own: string): string {
  const tops: number[] = []
  let height = 0
  for (const { bars } of panels) {
    tops.push(height + HEAD)
    height += HEAD + bars.length * BAR + GAP
  }
  const drawing = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height })
  drawing.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    title: panels.map(({ title }, i) => ({
      text: title,
      left: 8,
      top: (tops[i] ?? 0) - HEAD + 8,
      textStyle: { fontSize: 14 },
    })),
    grid: panels.map(({ bars }, i) => ({
      top: tops[i],
      left: LEFT,
      right: 90,
      height: bars.length * BAR,
    })),
    xAxis: panels.map((_, gridIndex) => ({
      type: 'log',
      gridIndex,
      axisLabel: { show: false },
      splitLine: { show: false },
    })),
    yAxis: panels.map(({ bars }, gridIndex) => ({
      type: 'category',
      gridIndex,
      inverse: true,
      axisTick: { show: false },
      data: bars.map(({ name }) => name),
    })),
    series: panels.map(({ bars }, i) => ({
      type: 'bar',
      xAxisIndex: i,
      yAxisIndex: i,
      barCategoryGap: '25%',
      label: { show: true, position: 'right', formatter: ({ value }: { value: unknown }) => shown(Number(value)) },
      data: bars.map(({ name, value }) => ({ value, itemStyle: { color: name === own ? OURS : OTHERS } })),
    })),
  })
  const svg = drawing.renderToSVGString()
  drawing.dispose()
  return svg
}

const shown = (value: number): string => Number(value.toPrecision(3)).toLocaleString('en')
