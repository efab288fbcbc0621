import { expect, it } from 'vitest'
import type { FillingDisk } from '@/api/servers'
import type { Alert } from '@/api/types'
import { attentionRows } from './attentionRows'

let made = 0
const anAlert = (server_id: number, metric: string, given: Partial<Alert> = {}) =>
  ({ id: (made += 1), server_id, check_id: null, check_in_id: null, metric, expected_at: null, ...given }) as Alert
const aDisk = (server_id: number, metric: string) => ({ server_id, metric }) as FillingDisk

it('a full disk is one row, whatever it is called: the worst alert leads and the forecast is inside', () => {
  const critical = anAlert(1, 'disk:/', { level: 'critical' })
  const forecast = anAlert(1, 'disk', { level: 'warning', expected_at: '2030-01-01 00:00:00' })
  const warning = anAlert(1, 'disk', { level: 'warning' })
  const filling = aDisk(1, 'disk:/')
  const { rows, disks } = attentionRows([critical, forecast, warning], [filling])
  expect(rows).toEqual([{ key: '1 disk:/', worst: critical, alerts: [critical, forecast, warning], forecast, filling }])
  expect(disks).toEqual([])
})

it('other disks, metrics and servers are rows of their own, in the order of their worst alerts', () => {
  const alerts = [anAlert(2, 'disk'), anAlert(1, 'cpu'), anAlert(1, 'disk:/var'), anAlert(1, 'disk'), anAlert(1, 'cpu')]
  const { rows, disks } = attentionRows(alerts, [aDisk(1, 'disk:/var'), aDisk(1, 'disk:/srv')])
  expect(rows.map(({ key }) => key)).toEqual(['2 disk:/', '1 cpu', '1 disk:/var', '1 disk:/'])
  expect(rows.flatMap((row) => row.alerts)).toHaveLength(alerts.length)
  expect(disks).toEqual([aDisk(1, 'disk:/srv')])
})
