export const pattern = /a+/;
