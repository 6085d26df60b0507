with pairs as (
    select * from {{ ref('int_name_pairs') }}
),

people as (
    select
        names.name_key,
        min(people.performer_id) as performer_id,
        min(names.name collate "C") as name
    from {{ ref('int_people') }} as people
    inner join {{ ref('int_names') }} as names
        on people.printed = names.printed and people.position = names.position
    group by names.name_key
),

candidates as (
    select
        {{ key('resolution_candidate', ["'performers'", 'pairs.left_key', 'pairs.right_key']) }} as id,
        'performers' as entity,
        pairs.left_key,
        pairs.right_key,
        one.performer_id as left_id,
        other.performer_id as right_id,
        one.name as left_name,
        other.name as right_name,
        pairs.reason,
        nullif(pairs.evidence, '') as evidence,
        pairs.score,
        case
            when pairs.decision = 'different' then 'kept apart'
            when pairs.is_merged then 'merged'
            else 'open'
        end as outcome,
        case when pairs.decision is null then 'score' else 'decision' end as decided_by
    from pairs
    inner join people as one on pairs.left_key = one.name_key
    inner join people as other on pairs.right_key = other.name_key
)

select * from candidates
