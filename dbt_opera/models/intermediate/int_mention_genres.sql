with mentions as (
    select * from {{ ref('int_mentions') }}
),

events as (
    select * from {{ ref('int_events') }}
),

facts as (
    select * from {{ ref('int_mention_facts') }}
),

credit_lines as (
    select distinct {{ normalised('name') }} as name_key
    from {{ ref('int_credit_lines') }}
),

works as (
    select
        mention_id,
        bool_or(reference_id is not null) as is_in_reference,
        min(other_genre collate "C") as other_genre,
        min(listed_genre collate "C") as listed_genre,
        bool_or(composer_id is not null) as is_composed,
        bool_or(composer_id is not null and composer_reference_id is not null) as has_known_composer,
        min(title_key collate "C") as title_key
    from {{ ref('int_works_mentioned') }}
    group by mention_id
),

joined as (
    select
        mentions.mention_id,
        mentions.company_id,
        mentions.genre as printed_genre,
        mentions.genre_basis as printed_basis,
        works.is_in_reference,
        works.other_genre,
        works.listed_genre,
        works.is_composed,
        works.has_known_composer,
        facts.has_music,
        facts.has_conductor,
        facts.has_choreographer,
        facts.has_staging,
        facts.roles_count,
        facts.voices_count,
        coalesce(events.is_in_opera_section, false) as is_in_opera_section,
        coalesce(works.title_key like '% %' and credit_lines.name_key is not null, false) as is_called_after_a_person
    from mentions
    inner join works on mentions.mention_id = works.mention_id
    inner join facts on mentions.mention_id = facts.mention_id
    left join events on mentions.extraction_id = events.extraction_id and mentions.pointer = events.pointer
    left join credit_lines on works.title_key = credit_lines.name_key
),

-- The first that holds. What is printed goes before what the reference knows, that before what credits suggest.
decided as (
    select
        mention_id,
        company_id,
        case
            when printed_genre is not null then printed_genre
            when other_genre is not null then other_genre
            when is_in_reference then null
            when listed_genre is not null then listed_genre
            when is_called_after_a_person then 'concert'
            when is_in_opera_section then 'opera'
            when roles_count = 0 and voices_count > 0 and not has_staging then 'concert'
            when has_known_composer then 'opera'
            when has_choreographer and roles_count = 0 and voices_count = 0 and not has_conductor then 'ballet'
            when is_composed and has_conductor and (has_staging or roles_count > 0) then 'opera'
            when has_music and roles_count > 1 then 'opera'
            when has_staging and not has_music then 'play'
            when not is_composed then 'other'
        end as genre,
        case
            when printed_genre is not null then printed_basis
            when other_genre is not null then 'author'
            when is_in_reference then 'reference'
            when listed_genre is not null then 'reference'
            when is_called_after_a_person then 'title'
            when is_in_opera_section then 'section of the site'
            when roles_count = 0 and voices_count > 0 and not has_staging then 'credits'
            when has_known_composer then 'composer'
            when has_choreographer and roles_count = 0 and voices_count = 0 and not has_conductor then 'credits'
            when is_composed and has_conductor and (has_staging or roles_count > 0) then 'credits'
            when has_music and roles_count > 1 then 'credits'
            when has_staging and not has_music then 'credits'
            when not is_composed then 'nothing sung is named'
        end as genre_basis
    from joined
),

-- Where a page says nothing but a title and a name, it is what the house mostly plays.
houses as (
    select
        company_id,
        count(*) filter (where genre_basis = 'reference' or genre in {{ counted_genres() }})
        >= count(*) filter (where genre is not null and genre not in {{ counted_genres() }}) as plays_mostly_opera
    from decided
    where genre_basis is not null
    group by company_id
),

final as (
    select
        decided.mention_id,
        coalesce(
            decided.genre,
            case
                when decided.genre_basis is not null then null
                when houses.plays_mostly_opera or houses.company_id is null then 'opera'
                else 'other'
            end
        ) as genre,
        coalesce(decided.genre_basis, 'house') as genre_basis,
        coalesce(decided.genre_basis, 'house') in ('composer', 'credits', 'nothing sung is named', 'house')
            as is_guessed
    from decided
    left join houses on decided.company_id = houses.company_id
)

select * from final
