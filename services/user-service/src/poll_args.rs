use calendar_fetch::EgressArgs;
use clap::Args;
use wire::BaseUrl;

/// How much anybody may do with polls, and where.
#[derive(Args, Clone, Debug)]
pub struct PollArgs {
    /// Most polls that one client may make in an hour on one replica; 0 sets no limit.
    #[arg(long, env = "POLLS_PER_HOUR", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(0..=1_000_000), value_name = "POLLS")]
    pub polls_per_hour: u32,

    /// Where people reach the page; links in mails and calendars begin with it.
    #[arg(long, env = "PUBLIC_URL", default_value = "http://localhost:8080", value_name = "URL")]
    pub public_url: BaseUrl,

    /// From where calendars may be fetched.
    #[command(flatten)]
    pub egress: EgressArgs,
}
