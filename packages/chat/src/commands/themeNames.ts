/** Names of the themes; `default` is `dark` or `light` by the background. */
export const THEME_NAMES = ['default', 'dark', 'light', 'contrast', 'mono'] as const;

export type ThemeName = (typeof THEME_NAMES)[number];
