/** As the platform names the days of the week, Monday first. */
export const WEEKDAY_NAMES = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

export const DAY_MINUTES = 1440;

/** Minutes since midnight of `"14:30"`. */
export const minutesOfTime = (time) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
