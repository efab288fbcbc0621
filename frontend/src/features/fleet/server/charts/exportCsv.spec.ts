import { describe, expect, it } from 'vitest'
import type { Series } from '@/api/types'
import { fileName, seriesCsv } from './exportCsv'

const column = (...values: (number | null)[]) => ({ avg: values, min: values, max: values })
const raw = (time: number[], columns: Series['columns']): Series => ({
  resolution: 15,
  time,
  coverage: time.map(() => 1),
  columns,
})

describe('the CSV of what is seen', () => {
  it('has a row for each time and a column for each metric', () => {
    const csv = seriesCsv([raw([0, 15], { cpu: column(1.5, 2), 'disk:/var': column(80, null) })], 0, 60)
    expect(csv).toBe('time,cpu,disk:/var\r\n1970-01-01T00:00:00.000Z,1.5,80\r\n1970-01-01T00:00:15.000Z,2,\r\n')
  })

  it('has the least, the largest and the coverage of buckets', () => {
    const series = { resolution: 600, time: [600], coverage: [0.5], columns: { cpu: { avg: [5], min: [1], max: [9] } } }
    expect(seriesCsv([series], 0, 1000)).toBe(
      'time,coverage,cpu avg,cpu min,cpu max\r\n1970-01-01T00:10:00.000Z,0.5,5,1,9\r\n',
    )
  })

  it('has the bucket that was running when it begins', () => {
    const series = {
      resolution: 600,
      time: [0, 600, 1200],
      coverage: [1, 1, 0.5],
      columns: { cpu: { avg: [1, 2, 3], min: [1, 1, 1], max: [100, 9, 9] } },
    }
    expect(seriesCsv([series], 599, 1200).split('\r\n').length).toBe(5)
    expect(seriesCsv([series], 600, 1199).split('\r\n').length).toBe(3)
  })

  it('joins answers that differ in a time', () => {
    const csv = seriesCsv([raw([0, 15], { cpu: column(1, 2) }), raw([0, 30], { swap: column(3, 4) })], 0, 60)
    expect(
      csv
        .split('\r\n')
        .slice(1, 4)
        .map((line) => line.split(',').slice(1)),
    ).toEqual([
      ['1', '3'],
      ['2', ''],
      ['', '4'],
    ])
  })

  it('leaves out what was fetched beyond what is seen', () => {
    expect(seriesCsv([raw([0, 15, 30], { cpu: column(1, 2, 3) })], 10, 20).split('\r\n').length).toBe(3)
  })

  it('keeps spreadsheets from reading a metric as a formula', () => {
    expect(seriesCsv([raw([0], { '-x': column(-1) })], 0, 60)).toContain("time,'-x\r\n1970-01-01T00:00:00.000Z,-1")
  })
})

describe('the name of the file', () => {
  it('names the server and the time', () => {
    expect(fileName('web/1 甲', 0, 3_600, 'csv', 'utc')).toBe('web_1_甲_19700101-0000_19700101-0100_UTC.csv')
  })
})
