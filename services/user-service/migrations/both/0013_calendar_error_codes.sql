-- Why a calendar could not be fetched the last time, for programs; nothing where that was before there were codes.
ALTER TABLE calendar_subscriptions ADD COLUMN last_error_code TEXT;
