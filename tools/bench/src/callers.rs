//! What it costs to know who asks, and how often they have: the same request to services that ask for neither, and for more.

use anyhow::Context;
use serde_json::{Value, json};
use testkit::{ServiceProcess, free_port};

use crate::{
    load::{Generator, Request},
    measure::{RunSettings, median},
    proc,
    scenario::encoded,
    stack::Stack,
};

const ADMINISTRATOR_TOKEN: &str = "w2m_0123456789abcdef0123456789abcdef0123456789abcdef";
const CONNECTIONS: u32 = 16;
/// More than anybody uses up.
const NO_END: u32 = 10_000_000;
/// The differences are small: rather many measurements than long ones.
const MOST_SECONDS: u64 = 2;
/// An even number, after which the services stand in their order again.
const TIMES_ROUNDS: usize = 4;
/// Each service in words, its access, and the units that a client and an account have.
const SERVICES: [(&str, &str, u32); 4] = [
    ("open", "open", 0),
    ("open, once more", "open", 0),
    ("members: the token is looked up, and the audit trail notes the request", "members", 0),
    ("members, and units of client and account are counted", "members", NO_END),
];

/// One service.
pub(crate) struct CallersResult {
    pub(crate) title: &'static str,
    pub(crate) per_second: f64,
    /// CPU seconds of user-service per 1,000 requests.
    pub(crate) cpu: f64,
    /// The same beyond that of the service before, in the middle of the rounds.
    pub(crate) more_cpu: f64,
}

struct Asked {
    service: ServiceProcess,
    /// Where gateways ask.
    base: String,
    per_second: Vec<f64>,
    cpu: Vec<f64>,
}

/// Reads one person with their access token, by turns of all services, which share their stores.
pub(crate) async fn measure(stack: &Stack, settings: &RunSettings) -> anyhow::Result<Vec<CallersResult>> {
    let mut services = Vec::new();
    for (_, access, units) in SERVICES {
        services.push(start(stack, access, units).await?);
    }
    let email = stack.emails().first().context("nobody is stored")?;
    let path = format!("/users/users/{}", encoded(email));
    let base = &services.last().context("there is a service")?.base;
    let read = Request::get(path).header("authorization", format!("Bearer {}", token(base, email).await?));
    let read = [read];
    let seconds = settings.seconds.min(MOST_SECONDS);
    let mut generator = Generator::new()?;
    for _ in 0..settings.rounds * TIMES_ROUNDS {
        for asked in &mut services {
            generator.run(&asked.base, &read, CONNECTIONS, settings.warm_up).await?;
            let before = proc::cpu_seconds(&[asked.service.pid()])?;
            let outcome = generator.run(&asked.base, &read, CONNECTIONS, seconds).await?;
            let cpu = proc::cpu_seconds(&[asked.service.pid()])? - before;
            anyhow::ensure!(outcome.errors() == 0, "{} requests were refused", outcome.errors());
            asked.per_second.push(outcome.per_second());
            asked.cpu.push(cpu * 1e3 / outcome.requests as f64);
        }
        services.reverse();
    }
    let mut results = Vec::new();
    let mut before: Option<Vec<f64>> = None;
    for ((title, ..), Asked { per_second, cpu, .. }) in SERVICES.into_iter().zip(services) {
        let more = match &before {
            Some(before) => median(cpu.iter().zip(before).map(|(now, before)| now - before).collect())?,
            None => 0.0,
        };
        before = Some(cpu.clone());
        results.push(CallersResult {
            title,
            per_second: median(per_second)?,
            cpu: median(cpu)?,
            more_cpu: more,
        });
    }
    Ok(results)
}

async fn start(stack: &Stack, access: &str, units: u32) -> anyhow::Result<Asked> {
    let address = ([127, 0, 0, 1], free_port()?).into();
    let mut spec = stack
        .user_service()
        .env("ACCESS", access)
        .env("ADMINISTRATOR_TOKEN", ADMINISTRATOR_TOKEN)
        .env("CLIENT_UNITS_PER_MINUTE", units)
        .env("ACCOUNT_UNITS_PER_MINUTE", units);
    spec.public_listen = Some(address);
    let service = ServiceProcess::start(spec).await?;
    Ok(Asked { service, base: format!("http://{address}"), per_second: Vec::new(), cpu: Vec::new() })
}

/// A token of whoever has this address.
async fn token(base: &str, email: &str) -> anyhow::Result<String> {
    let url = format!("{base}/users/accounts/{}/tokens", encoded(email));
    let request = crate::http_client()?.post(url).bearer_auth(ADMINISTRATOR_TOKEN);
    let made: Value = request
        .json(&json!({"name": "bench", "scopes": ["read"]}))
        .send()
        .await?
        .error_for_status()?
        .json()
        .await?;
    made["token"].as_str().map(str::to_owned).context("there is no token in the reply")
}
