// `signalbox/peer`: the server of npm `peer`, for programs that change their import line.
export {};
