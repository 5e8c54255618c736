//! The operator as a process against the real API server of KUBECONFIG, with the rights of its Roles and no more.
//!
//! Each test has a namespace of its own; the definition and the admission policy are the cluster's, and stay. No other part of
//! a cluster is needed: nothing has to run pods.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod cluster;
mod install;
mod leading;
mod operator;
mod resource;
mod rights;
mod scaling;
mod starting;
