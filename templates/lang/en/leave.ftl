# The question before signing out, where another site may have sent the browser here.

leave-heading = Sign out of { $site }?
leave-lead = Another site sent you here to sign out. Nothing has happened yet.
leave-who = You are signed in as
leave-button = Sign out
leave-cancel = Stay signed in
