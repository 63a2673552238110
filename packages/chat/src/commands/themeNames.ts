export const THEME_NAMES = ['default', 'light', 'contrast', 'mono'] as const;

export type ThemeName = (typeof THEME_NAMES)[number];
