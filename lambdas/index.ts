/** Entry of the one bundle that every function shares; a function's handler is `index.<export>`. */
export {};
