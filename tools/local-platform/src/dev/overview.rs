use std::path::Path;

use testkit::Distributed;

use super::stores::Stores;
use super::{DATABASE, log};
use crate::table::Table;

/// What runs where, for the terminal.
pub(super) fn overview(platform: &Distributed, stores: &Stores, directory: &Path) -> Table {
    let mut table = Table::default();
    let logged = |name: &str| log(directory, name).display().to_string();
    table.row(["PROCESS", "LISTENS", "OPERATIONS", "LOG"]);
    table.row(["gateway", &platform.gateway_url(), "", &logged("gateway")]);
    table.row(["balancer", &platform.balancer.url(), "", &logged("balancer")]);
    for service in platform.services() {
        let (name, url) = (service.name(), service.url());
        table.row([name, &url, &format!("http://{}", service.ops()), &logged(name)]);
    }
    let database = stores.postgres.dsn_of(DATABASE);
    table.row(["postgresql", &database, "", &logged("postgresql")]);
    table.row(["redis", &stores.redis.url(), "", &logged("redis")]);
    table.row(["management", &stores.rabbitmq.management_url(), "", &logged("rabbitmq")]);
    table.row(["rabbitmq", &stores.rabbitmq.url(), "", &logged("rabbitmq")]);
    table
}
