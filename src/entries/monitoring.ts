// `signalbox/monitoring`: health checks and Prometheus metrics.
export { MonitoringModule } from '../monitoring/monitoring.module.js';
export { PrometheusService } from '../monitoring/prometheus.service.js';
