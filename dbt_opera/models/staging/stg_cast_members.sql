with objects as (
    {{ objects(['productions', 'cast_members']) }}
),

gated as (
    select
        extraction_id,
        is_latest,
        pointer,
        parent_pointer,
        position,
        nights_count,
        -- The pair is the fact: a singer whose claimed role the page does not state is no evidence of a cast.
        case when node ->> 'role' is null or {{ grounded('role') }} is not null then {{ grounded('performer') }} end
            as performer,
        {{ grounded('role') }} as role,
        {{ grounded('voice_type') }} as voice_type,
        {{ grounded('kind') }} as kind,
        {{ grounded('replaces') }} as replaces
    from objects
)

select * from gated
