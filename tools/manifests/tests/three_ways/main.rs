//! The three gateways: the router of the one process, the nginx of `make dev`, and the chart's Ingress as ingress-nginx
//! serves it. They read one route table, so the same path has the same end at each of them.

mod chart;
mod gateways;
mod ingress;
mod paths;
mod real;
mod table;
