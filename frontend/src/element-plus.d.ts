// A style sheet behind a module's name; the package types only its components.
declare module 'element-plus/es/components/*/style/css'
