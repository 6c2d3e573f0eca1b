export const Photo = () => null;
