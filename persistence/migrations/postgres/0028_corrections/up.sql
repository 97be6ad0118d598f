-- The audit says who corrected what is held on a person.
ALTER TABLE audit_entries
DROP CONSTRAINT audit_entries_action_check,
ADD CONSTRAINT audit_entries_action_check CHECK (
    action IN (
        'stop_sending', 'resume_sending', 'retry_message', 'release_message', 'cancel_message', 'read_message',
        'change_preferences', 'read_supporter_data', 'erase_supporter', 'record_request', 'step_request',
        'correct_supporter'
    )
);
