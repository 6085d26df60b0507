{{ config(materialized='table') }}

with cast_members as (
    {{ objects(['productions', 'cast_members'], 'stg_readings') }}
),

nights as (
    {{ objects(['productions', 'cast_members', 'nights'], 'stg_readings') }}
),

dated_nights as (
    select
        extraction_id,
        parent_pointer,
        {{ as_date(grounded('date')) }} as performance_date,
        {{ as_time(grounded('time')) }} as performance_time
    from nights
),

gated as (
    select
        extraction_id,
        pointer,
        parent_pointer,
        production_pointer,
        nights_count > 0 as has_nights,
        {{ grounded('performer') }} as performer,
        {{ grounded('role') }} as role,
        {{ grounded('kind') }} as kind,
        {{ grounded('replaces') }} as replaces
    from cast_members
),

dated as (
    select
        gated.extraction_id,
        gated.production_pointer,
        gated.pointer,
        gated.performer,
        gated.role,
        gated.kind,
        gated.replaces,
        dated_nights.performance_date,
        dated_nights.performance_time
    from gated
    left join dated_nights
        on gated.extraction_id = dated_nights.extraction_id and gated.pointer = dated_nights.parent_pointer
    -- On nights that could not be read: neither of the run nor of an evening.
    where gated.performer is not null and (not gated.has_nights or dated_nights.performance_date is not null)
)

select * from dated
