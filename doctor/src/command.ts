// `npm run doctor`: looks at Pulseline from outside and says which link is broken; it changes nothing without being told to.
export {};
