/** One chart of the image: its canvas and title. */
export interface Picture {
  title: string
  lines: { name: string; colour: string }[]
  canvas: HTMLCanvasElement
}

const MARGIN = 16
const TITLE = 28
const HEAD = 56

/** All charts in one image, with the theme's background, at the screen's resolution. */
export function composePng(heading: string, subheading: string, pictures: Picture[]): Promise<Blob | null> {
  const scale = devicePixelRatio
  const style = getComputedStyle(document.documentElement)
  const token = (name: string) => style.getPropertyValue(`--${name}`).trim()
  const canvas = document.createElement('canvas')
  const width = Math.max(400 * scale, ...pictures.map((picture) => picture.canvas.width))
  canvas.width = width + 2 * MARGIN * scale
  canvas.height =
    (HEAD + 2 * MARGIN) * scale + pictures.reduce((sum, picture) => sum + picture.canvas.height + TITLE * scale, 0)
  const ctx = canvas.getContext('2d')
  if (ctx === null) return Promise.resolve(null)

  const write = (text: string, size: number, weight: number, colour: string, x: number, y: number) => {
    ctx.font = `${weight} ${size * scale}px ${token('font')}`
    ctx.fillStyle = colour
    ctx.fillText(text, x, y)
    return ctx.measureText(text).width
  }
  ctx.fillStyle = token('surface')
  ctx.fillRect(0, 0, canvas.width, canvas.height)
  const left = MARGIN * scale
  write(heading, 20, 600, token('ink'), left, (MARGIN + 20) * scale)
  write(subheading, 13, 400, token('ink-3'), left, (MARGIN + 42) * scale)

  let top = (MARGIN + HEAD) * scale
  for (const { title, lines, canvas: drawn } of pictures) {
    let x = left + write(title, 14, 600, token('ink'), left, top + 18 * scale) + 16 * scale
    for (const { name, colour } of lines) {
      ctx.fillStyle = colour
      ctx.fillRect(x, top + 12 * scale, 14 * scale, 3 * scale)
      x += 20 * scale
      x += write(name, 12, 400, token('ink-2'), x, top + 18 * scale) + 16 * scale
    }
    ctx.drawImage(drawn, left, top + TITLE * scale)
    top += TITLE * scale + drawn.height
  }
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'))
}
