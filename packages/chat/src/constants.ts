export { THEME_NAMES, type ThemeName } from './commands/themeNames.js';
