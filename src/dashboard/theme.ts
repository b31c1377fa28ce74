// Dark or light: the visitor's choice if there is one, else what the system prefers.
//
// Colors live in style.css alone; the chart draws on a canvas and reads them from the same
// variables.

/** A theme's name, as written on the root element. */
export type Theme = "dark" | "light";

const THEME_KEY = "alphapulse.theme";

/** The theme to begin with: what was chosen before, else the system's. */
export function firstTheme(stored: string | null, prefersLight: boolean): Theme {
  if (stored === "dark" || stored === "light") return stored;
  return prefersLight ? "light" : "dark";
}

/** The theme chosen on this browser, or null. */
export function storedTheme(): string | null {
  try {
    return localStorage.getItem(THEME_KEY);
  } catch {
    return null; // Storage is forbidden: the system's preference decides.
  }
}

/** Shows a theme. */
export function showTheme(theme: Theme): void {
  document.documentElement.dataset.theme = theme;
}

/** Remembers a choice. */
export function keepTheme(theme: Theme): void {
  try {
    localStorage.setItem(THEME_KEY, theme);
  } catch {
    return; // As above: the choice lasts until a reload.
  }
}

/** A color of style.css by its variable, resolved for the theme that shows. */
export function themeColor(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
