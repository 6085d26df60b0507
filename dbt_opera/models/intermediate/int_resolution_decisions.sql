with stored as (
    select * from {{ ref('stg_resolution_decisions') }}
),

seeded as (
    select * from {{ ref('resolution_decisions') }}
),

decisions as (
    select
        entity,
        {{ normalised('left_key') }} as one_key,
        {{ normalised('right_key') }} as other_key,
        decision,
        decided_at,
        1 as source_rank
    from stored
    union all
    select
        entity,
        {{ normalised('left_key') }} as one_key,
        {{ normalised('right_key') }} as other_key,
        decision,
        decided_on::timestamptz as decided_at,
        2 as source_rank
    from seeded
),

ordered as (
    select
        entity,
        least(one_key collate "C", other_key collate "C") as left_key,
        greatest(one_key collate "C", other_key collate "C") as right_key,
        decision,
        decided_at,
        source_rank
    from decisions
    where one_key <> other_key
),

-- What stands in this database goes before what came with the code; of two spellings the later decision holds.
latest as (
    select distinct on (entity, left_key, right_key)
        entity,
        left_key,
        right_key,
        decision
    from ordered
    order by entity, left_key, right_key, source_rank, decided_at desc nulls last, decision
)

select * from latest
