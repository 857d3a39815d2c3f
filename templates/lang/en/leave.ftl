# The question before signing out, where another site may have sent the browser here.

leave-heading = Sign out of { $site }?
leave-heading-all = Sign out of { $site } on all your devices?
leave-lead = You were sent here to sign out. Nothing has happened yet.
leave-lead-foreign = Another site sent you here to sign out. Nothing has happened yet.
leave-who = You are signed in as
leave-button = Sign out
leave-button-all = Sign out on all devices
leave-cancel = Stay signed in
