// npm `open-easyrtc`, as its server_example starts it, without logging.
import { createServer } from 'node:http';
import easyrtc from 'open-easyrtc';
import express from 'express';
import { Server } from 'socket.io';

easyrtc.setOption('logLevel', 'none');
// A limit that the load itself would trip: a room of 500 clients.
easyrtc.setOption('roomMaxConnection', 1000);

const app = express();
const webServer = createServer(app);
easyrtc.listen(app, new Server(webServer), null, () => webServer.listen(Number(process.env.PORT), '127.0.0.1'));
