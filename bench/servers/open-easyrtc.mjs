// The npm package `open-easyrtc`, started like its server_example, without logging.
import { createServer } from 'node:http';
import express from 'express';
import easyrtc from 'open-easyrtc';
import { Server } from 'socket.io';

easyrtc.setOption('logLevel', 'none');
// Raises a limit that the load would reach: a room of 500 clients.
easyrtc.setOption('roomMaxConnection', 1000);

const app = express();
const webServer = createServer(app);
easyrtc.listen(app, new Server(webServer), null, () => webServer.listen(Number(process.env.PORT), '127.0.0.1'));
