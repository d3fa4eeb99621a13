export const DAY_MS = 86_400_000;
export const KIB = 1024;
export const MIB = 1024 * KIB;
export const GIB = 1024 * MIB;
export const MILLION = 1_000_000;
