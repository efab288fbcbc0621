// Runs before the first paint, and before the first script is there.
;(function () {
  function stored(name) {
    try {
      return localStorage.getItem(name)
    } catch {
      return null // Storage may be forbidden.
    }
  }

  // Sets the theme; src/stores/preferences.ts keeps it from then on.
  var theme = stored('theme')
  var dark = theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.classList.toggle('dark', dark)

  // Asks for what every page needs, unless log-in comes first; src/locales/index.ts chooses the language likewise.
  var early = document.querySelector('meta[name=early]')
  if (early === null || stored('may-be-logged-in') !== 'true') return
  var files = JSON.parse(early.content)
  var locale = stored('locale') || (/^en\b/i.test(navigator.language) ? 'en' : 'zh-CN')
  files[''].concat(files[locale] || []).forEach(function (file) {
    var link = document.createElement('link')
    var isStyle = /\.css$/.test(file)
    link.rel = isStyle ? 'preload' : 'modulepreload'
    if (isStyle) link.as = 'style'
    link.crossOrigin = '' // as the page asks for it
    link.href = '/' + file
    document.head.append(link)
  })
})()
