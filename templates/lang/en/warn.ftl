# The question before somebody is signed in to a service.

warn-heading = Continue to { $service }?
warn-lead = You asked to be told before a service signs you in.
warn-lead-always = This service is set up to ask each time.
warn-who = You are signed in as
warn-receives = What { $service } will receive
warn-user = User name
warn-nothing-else = Nothing else is sent. Your password is never sent to a service.
warn-skip = Do not ask again for { $service }
warn-button = Continue to { $service }
warn-cancel = Cancel
